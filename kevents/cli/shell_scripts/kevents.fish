# fish completion for kevents. To enable it in this shell:
#     kevents completion fish | source
# To enable it in every new shell:
#     kevents completion fish > ~/.config/fish/completions/kevents.fish

function __kevents_complete
    set -l words (commandline --current-process --tokenize --cut-at-cursor)
    set -l word (commandline --current-token --cut-at-cursor)
    set -l answer (command $words[1] __complete $words[2..] "$word" 2>/dev/null)
    set -l directive (string replace --regex '^:' '' -- $answer[-1])
    string match --quiet --regex '^[0-9]+$' -- "$directive"; or return
    string match --invert --regex '^:' -- $answer
    if test (math "bitand($directive, 16)") -ne 0
        __fish_complete_directories "$word" ''
    else if test (math "bitand($directive, 4)") -eq 0
        __fish_complete_path "$word"
    end
end

complete --command kevents --erase
complete --command kevents --no-files --keep-order --arguments '(__kevents_complete)'
complete --command kubectl-kevents --no-files --keep-order --arguments '(__kevents_complete)'
