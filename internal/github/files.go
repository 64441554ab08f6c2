package github

import (
	"crypto/rand"
	"fmt"
	"os"
	"strings"
)

// Output is one output of the step.
type Output struct{ Name, Value string }

// AppendOutputs writes outputs into the runner's file. Each value stands between
// lines that nobody can guess, so that no value can end itself and begin another.
func AppendOutputs(file string, outputs []Output) error {
	var b strings.Builder
	for _, o := range outputs {
		end := "wassist_sync_" + rand.Text()
		fmt.Fprintf(&b, "%s<<%s\n%s\n%s\n", o.Name, end, o.Value, end)
	}
	if err := appendTo(file, b.String()); err != nil {
		return fmt.Errorf("GITHUB_OUTPUT: %w", err)
	}
	return nil
}

// summaryLimit is a little less than the mebibyte that GitHub takes of one step.
const summaryLimit = 1<<20 - 1<<14

// SummaryRoom is how much of a summary still fits into the runner's file.
func SummaryRoom(file string) int {
	info, err := os.Stat(file)
	if err != nil {
		return summaryLimit
	}
	return max(0, summaryLimit-int(info.Size()))
}

// AppendSummary adds a text to the job's summary.
func AppendSummary(file, text string) error {
	if err := appendTo(file, text+"\n"); err != nil {
		return fmt.Errorf("GITHUB_STEP_SUMMARY: %w", err)
	}
	return nil
}

// appendTo writes at the end of a file that the runner made.
func appendTo(file, text string) error {
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}
