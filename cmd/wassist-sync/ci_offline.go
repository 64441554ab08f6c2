package main

import "context"

// planOffline is for a run without a key: a pull request from a fork, which gets
// no secrets.
func (j *job) planOffline(ctx context.Context) error {
	_, err := j.flags.target.key(j.console)
	return j.failed(ctx, "plan", err)
}
