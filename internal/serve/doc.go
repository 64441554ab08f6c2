// Package serve reconciles one or several targets on a schedule, for months: a
// target is a folder of definitions on a branch of a Git remote, and the Wassist
// organization that a key leads to.
//
// It is the only home of the cron and of the metrics library. It imports gitsrc,
// source, remote, report, sync and spec; the program alone imports it. What a run
// decides and does is package sync's; this package says when, with what, and
// tells what came of it: to metrics, to a page, to whoever is to be notified.
package serve
