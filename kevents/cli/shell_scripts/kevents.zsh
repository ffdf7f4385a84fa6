#compdef kevents kubectl-kevents
# zsh completion for kevents. To have it in this shell:
#     source <(kevents completion zsh)
# and in every new one, put that line into ~/.zshrc behind compinit, or into a folder of $fpath:
#     kevents completion zsh > "${fpath[1]}/_kevents"

_kevents() {
    local line word means
    local -a lines candidates order space
    lines=("${(@f)$(command "${words[1]}" __complete "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
    local then=${lines[-1]#:}
    [[ $then == <-> ]] || return 1
    for line in "${(@)lines[1,-2]}"; do
        word=${line%%$'\t'*}
        means=${line#"$word"}
        candidates+=("${word//:/\\:}${means:+:${means#$'\t'}}")
    done
    ((then & 2)) && space=(-S '')
    if (($#candidates)); then
        _describe -V -t kevents kevents candidates "${space[@]}"
    elif ((then & 16)); then
        _files -/
    elif ! ((then & 4)); then
        _files
    fi
}

if [[ $funcstack[1] == _kevents ]]; then # loaded from $fpath
    _kevents "$@"
elif (($+functions[compdef])); then
    compdef _kevents kevents kubectl-kevents
fi
