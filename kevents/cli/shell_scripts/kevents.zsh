#compdef kevents kubectl-kevents
# zsh completion for kevents. To enable it in this shell:
#     source <(kevents completion zsh)
# To enable it in every new shell, add that line to ~/.zshrc after compinit, or write the script to a directory of $fpath:
#     kevents completion zsh > "${fpath[1]}/_kevents"

_kevents() {
    local line word description
    local -a lines candidates order space
    lines=("${(@f)$(command "${words[1]}" __complete "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
    local directive=${lines[-1]#:}
    [[ $directive == <-> ]] || return 1
    for line in "${(@)lines[1,-2]}"; do
        word=${line%%$'\t'*}
        description=${line#"$word"}
        candidates+=("${word//:/\\:}${description:+:${description#$'\t'}}")
    done
    ((directive & 2)) && space=(-S '')
    if (($#candidates)); then
        _describe -V -t kevents kevents candidates "${space[@]}"
    elif ((directive & 16)); then
        _files -/
    elif ! ((directive & 4)); then
        _files
    fi
}

if [[ $funcstack[1] == _kevents ]]; then # loaded from $fpath
    _kevents "$@"
elif (($+functions[compdef])); then
    compdef _kevents kevents kubectl-kevents
fi
