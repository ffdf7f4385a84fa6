# bash completion for kevents. To enable it in this shell:
#     source <(kevents completion bash)
# To enable it in every new shell, add that line to ~/.bashrc. With the package bash-completion you can use this instead:
#     kevents completion bash > ~/.local/share/bash-completion/completions/kevents

_kevents() {
    local line=${COMP_LINE:0:COMP_POINT} answer directive
    answer=$(_KEVENTS_LINE=$line command "${COMP_WORDS[0]}" __complete 2>/dev/null) || return
    directive=${answer##*:}
    [[ $directive =~ ^[0-9]+$ ]] || return

    # bash also splits words at : and =, and replaces only the part after the last of them
    local word=${line##*[[:space:]]} breaks=${COMP_WORDBREAKS//[^:=]/} prefix= candidate
    [[ -n $breaks && $word == *[$breaks]* ]] && prefix=${word%"${word##*[$breaks]}"}

    COMPREPLY=()
    while IFS=$'\t' read -r candidate _; do
        [[ $candidate == :* || -z $candidate ]] || COMPREPLY+=("${candidate#"$prefix"}")
    done <<<"$answer"
    ((directive & 2)) && compopt -o nospace
    compopt -o nosort 2>/dev/null # since bash 4.4
    if ((directive & 16)); then
        compopt -o filenames -o plusdirs
    elif ! ((directive & 4)); then
        compopt -o filenames -o default
    fi
}
complete -F _kevents kevents kubectl-kevents
