package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"wassist-sync/internal/github"
	"wassist-sync/sync"
)

// job is one run of a ci command.
type job struct {
	console
	flags    *ciFlags
	args     []string
	run      *github.Run
	hub      *github.Client // nil when there is nobody to ask
	target   github.Target
	annotate *github.Annotator
	// outputs of the step, as far as they are known.
	outputs []github.Output
}

// begin reads what the run is about, and asks nobody.
func (f *ciFlags) begin(c console, annotate *github.Annotator, args []string) (*job, error) {
	run, err := github.ReadRun(c.lookupEnv)
	if err != nil {
		return nil, &exitError{exitUsage, err}
	}
	if err := errors.Join(f.output.check(), f.savable()); err != nil {
		return nil, err
	}
	j := &job{console: c, flags: f, args: args, run: run, annotate: annotate}
	j.target = github.Target{Path: filepath.ToSlash(filepath.Clean(path(args))), Environment: f.source.env}
	if j.target.Host, err = f.target.hostName(c); err != nil {
		return nil, err
	}
	token, _ := c.lookupEnv(hubTokenVariable)
	if token = strings.TrimSpace(token); token != "" && run.Owner != "" {
		j.hub, err = github.New(github.Options{Token: token, APIURL: run.APIURL, Owner: run.Owner, Repo: run.Repo, UserAgent: "wassist-sync/" + version()})
		if err != nil {
			return nil, &exitError{exitUsage, err}
		}
	}
	return j, nil
}

var errNoToken = errors.New("there is no GITHUB_TOKEN: give the step `env: GITHUB_TOKEN: ${{ github.token }}`")

// warning tells of something that does not stop the run, in the log and on the
// run's page.
func (j *job) warning(format string, args ...any) {
	j.annotate.Add(github.Annotation{Level: github.LevelWarning, Title: "wassist-sync", Message: fmt.Sprintf(format, args...)})
}

// ask does something with GitHub that nothing depends on: a failure is warned of.
func (j *job) ask(what string, do func(*github.Client) error) {
	err := errNoToken
	if j.hub != nil {
		err = do(j.hub)
	}
	if err != nil {
		j.warning("%s: %v", what, err)
	}
}

// title is the heading of what the job says.
func (j *job) title(what string) string { return "Wassist " + what + ": " + j.target.String() }

// output notes an output of the step.
func (j *job) output(name, value string) {
	j.outputs = append(j.outputs, github.Output{Name: name, Value: value})
}

// finish gives the outputs to the runner. It returns err, or what went wrong here.
func (j *job) finish(err error) error {
	if j.run.OutputFile == "" {
		return err
	}
	return errors.Join(err, github.AppendOutputs(j.run.OutputFile, j.outputs))
}

// tell notes the outputs that a plan has.
func (j *job) tell(plan *sync.Plan) {
	s := plan.Summary()
	j.output("has-changes", fmt.Sprint(!plan.Empty()))
	j.output("digest", plan.Digest)
	for _, c := range []struct {
		name string
		n    int
	}{
		{"create", s.Create}, {"update", s.Update}, {"deploy", s.Deploy}, {"undeploy", s.Undeploy}, {"delete", s.Delete},
		{"unchanged", s.Unchanged}, {"unmanaged", s.Unmanaged}, {"held", s.Held}, {"refused", len(plan.Refused)}, {"drifted", len(github.Drifted(plan))},
	} {
		j.output(c.name, fmt.Sprint(c.n))
	}
	j.output("plan-json", j.flags.planJSON)
	j.output("plan-html", j.flags.planHTML)
}
