# PowerShell completion for kevents. To have it in this shell:
#     kevents completion powershell | Out-String | Invoke-Expression
# and in every new one, put that line into the file that $PROFILE names.

Register-ArgumentCompleter -Native -CommandName 'kevents', 'kubectl-kevents' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    # the line as it was typed up to the cursor: the parsed command lacks the blanks behind its last word
    $line = $commandAst.Extent.Text
    $length = $cursorPosition - $commandAst.Extent.StartOffset
    if ($line.Length -lt $length) { $line = $line.PadRight($length) } else { $line = $line.Substring(0, $length) }
    $before = $env:_KEVENTS_LINE
    try {
        $env:_KEVENTS_LINE = $line
        $answer = @(& $commandAst.CommandElements[0].Value __complete 2>$null)
    }
    catch {
        return
    }
    finally {
        $env:_KEVENTS_LINE = $before
    }
    foreach ($candidate in $answer) {
        if ($candidate.StartsWith(':')) { continue }
        $word, $means = $candidate -split "`t", 2
        if (-not $means) { $means = $word }
        [System.Management.Automation.CompletionResult]::new($word, $word, 'ParameterValue', $means)
    }
}
