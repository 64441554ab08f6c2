package main

import (
	"context"
	"errors"

	"wassist-sync/internal/source"
	"wassist-sync/spec"
)

// checked reads definitions in one environment, or in all that there are, and tells
// which these were; none where there are none. The set is that of the last one,
// with the warnings of all. What is wrong in any of them is spec.Problems, each
// once.
func (c console) checked(ctx context.Context, args []string, env string) (set *spec.Set, environments []string, err error) {
	var problems spec.Problems
	if env != "" {
		environments = []string{env}
	} else if environments, err = source.Environments(path(args)); err != nil && !errors.As(err, &problems) {
		return nil, nil, asUsage(err)
	}
	in := environments
	if len(in) == 0 {
		in = []string{""}
	}
	var warnings spec.Problems
	for _, name := range in {
		opened, err := (&sourceFlags{env: name}).open(ctx, c, path(args))
		if err == nil {
			opened.Close()
			err = opened.Set.CheckEnv(ownVariable)
		}
		var more spec.Problems
		if errors.As(err, &more) {
			problems = problems.With(more)
			continue
		}
		if err != nil {
			return nil, environments, err
		}
		set, warnings = opened.Set, warnings.With(opened.Set.Warnings)
	}
	if len(problems) > 0 {
		return nil, environments, problems
	}
	set.Warnings = warnings
	return set, environments, nil
}
