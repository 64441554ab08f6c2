package reliability

import (
	"fmt"
	"reflect"
	"strings"

	"wassist-sync/sync"
)

// untrue compares what a run reported with what Wassist holds after it: before is the state before the run and clean
// the end state of one that nothing disturbed. It tells each thing that is not as it was reported.
func untrue(v *verdict, before, now, clean *state) []string {
	var out []string
	wrong := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	switch {
	case v.killed:
		// It reported nothing. What it left behind is for the next run; half of it may be done, but nothing else.
		for key := range now.agents {
			if done, _ := between(key, before, now, clean); !done {
				wrong("%s is neither as it was nor as it is to be, nor partly so", now.agents[key].name)
			}
		}
		return out
	case v.report == nil:
		// The plan was not made, or refused: nothing may have been written.
		if d := difference(before, now); d != "" {
			wrong("nothing was applied as the run says, and this changed (-before +now):\n%s", d)
		}
		if v.code() == 0 {
			wrong("exit code 0 without a report")
		}
		return out
	case v.code() == 0:
		if d := difference(clean, now); d != "" {
			wrong("exit code 0, and this is undone (-clean +now):\n%s", d)
		}
	}
	for _, res := range v.report.Results {
		what := fmt.Sprintf("%s %s %s is reported as %s (%v)", res.Action, res.Agent, res.Number, res.Outcome, res.Err)
		if (res.Err == nil) != (res.Outcome == sync.Applied) {
			wrong("%s", what)
		}
		isBefore, isClean, between := standing(&res, before, now, clean)
		switch res.Outcome {
		case sync.Applied:
			if !isClean {
				wrong("%s and is not done", what)
			}
		case sync.Skipped, sync.NotAttempted:
			if !isBefore {
				wrong("%s and something was written", what)
			}
		case sync.Failed:
			if !between {
				wrong("%s, and is neither as it was nor as it is to be, nor partly so", what)
			}
			says := res.Err.Error()
			if isClean && !isBefore && !strings.Contains(says, "not known") && !strings.Contains(says, "not stored") {
				wrong("%s and is done", what)
			}
		}
	}
	return out
}

// standing compares the thing that a result is about with the same thing before the run and after a clean one.
func standing(res *sync.Result, before, now, clean *state) (isBefore, isClean, isBetween bool) {
	if res.Number != "" {
		d := res.Number[1:]
		isBefore = reflect.DeepEqual(before.numbers[d], now.numbers[d])
		isClean = reflect.DeepEqual(clean.numbers[d], now.numbers[d])
		return isBefore, isClean, isBefore || isClean
	}
	key := res.ID
	if res.Action == sync.Create {
		key = "new " + res.Agent
	}
	isBefore = reflect.DeepEqual(before.agents[key], now.agents[key])
	isClean = reflect.DeepEqual(clean.agents[key], now.agents[key])
	isBetween, _ = between(key, before, now, clean)
	return isBefore, isClean, isBetween
}

// between tells whether each field of an agent is as it was before the run or as a clean run leaves it; of a new
// agent, whether it has its name, and every field is empty or done.
func between(key string, before, now, clean *state) (ok bool, field string) {
	b, n, c := before.agents[key], now.agents[key], clean.agents[key]
	if n.fields == nil {
		return b.fields == nil, ""
	}
	if n.deleted != b.deleted && n.deleted != c.deleted {
		return false, "deleted"
	}
	for name, value := range n.fields {
		if b.fields == nil && (value == nil || value == "" || reflect.DeepEqual(value, []any{})) {
			continue
		}
		if !reflect.DeepEqual(value, b.fields[name]) && !reflect.DeepEqual(value, c.fields[name]) {
			return false, name
		}
	}
	return true, ""
}
