# PowerShell completion for kevents. To enable it in this shell:
#     kevents completion powershell | Out-String | Invoke-Expression
# To enable it in every new shell, add that line to the file $PROFILE.

Register-ArgumentCompleter -Native -CommandName 'kevents', 'kubectl-kevents' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    # The command line up to the cursor. The text of the parsed command lacks trailing spaces.
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
        $word, $description = $candidate -split "`t", 2
        if (-not $description) { $description = $word }
        [System.Management.Automation.CompletionResult]::new($word, $word, 'ParameterValue', $description)
    }
}
