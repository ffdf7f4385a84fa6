# bash completion for kevents. To have it in this shell:
#     source <(kevents completion bash)
# and in every new one, put that line into ~/.bashrc, or with the package bash-completion:
#     kevents completion bash > ~/.local/share/bash-completion/completions/kevents

_kevents() {
    local line=${COMP_LINE:0:COMP_POINT} answer then
    answer=$(_KEVENTS_LINE=$line command "${COMP_WORDS[0]}" __complete 2>/dev/null) || return
    then=${answer##*:}
    [[ $then =~ ^[0-9]+$ ]] || return

    # bash splits words at : and = too, and replaces only what stands behind the last of them
    local word=${line##*[[:space:]]} breaks=${COMP_WORDBREAKS//[^:=]/} kept= candidate
    [[ -n $breaks && $word == *[$breaks]* ]] && kept=${word%"${word##*[$breaks]}"}

    COMPREPLY=()
    while IFS=$'\t' read -r candidate _; do
        [[ $candidate == :* || -z $candidate ]] || COMPREPLY+=("${candidate#"$kept"}")
    done <<<"$answer"
    ((then & 2)) && compopt -o nospace
    compopt -o nosort 2>/dev/null # since bash 4.4
    if ((then & 16)); then
        compopt -o filenames -o plusdirs
    elif ! ((then & 4)); then
        compopt -o filenames -o default
    fi
}
complete -F _kevents kevents kubectl-kevents
