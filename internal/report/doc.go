// Package report renders a sync.Plan and a sync.Report: as text, Markdown and
// HTML for people and as JSON for machines, from the same values. It decides
// nothing, and no value that is not in the plan can show up here: secrets never
// were in it.
//
// It imports packages sync and spec; the commands and the services that show
// plans may import it.
package report
