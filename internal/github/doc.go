// Package github speaks to GitHub for a workflow: it reads what a run is about,
// keeps one comment on a pull request and one issue about drift, collects the
// digests of reviewed changes, looks whether a commit is still its branch's tip,
// and writes annotations, outputs and summaries in the runner's own forms.
//
// It imports packages sync and report; the commands may import it. It decides
// nothing about agents. What GitHub says is taken as said, but for one thing:
// comments and issues count only where this token's own account wrote them.
//
// The way through the package: run.go reads the environment and the event;
// client.go makes the Client, whose requests wait out GitHub's limits in
// patience.go and whose errors say what to add in errors.go. marker.go is the
// hidden first line by which comment.go and issue.go find again what they wrote,
// and in which reviewed.go reads digests. texts.go renders both bodies.
// commands.go and files.go speak to the runner.
package github
