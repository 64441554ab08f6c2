package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
)

// A shape says exactly which keys a JSON object has, and what each holds.
type (
	shape map[string]check
	check func(any) error
)

func (s shape) check(v any) error {
	object, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("%T is no object", v)
	}
	got, want := slices.Sorted(maps.Keys(object)), slices.Sorted(maps.Keys(s))
	if diff := cmp.Diff(want, got); diff != "" {
		return fmt.Errorf("keys (-want +got):\n%s", diff)
	}
	for _, key := range want {
		if err := s[key](object[key]); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	return nil
}

func text(v any) error {
	if _, ok := v.(string); !ok {
		return fmt.Errorf("%T is no text", v)
	}
	return nil
}

func matching(pattern string) check {
	re := regexp.MustCompile("^(?:" + pattern + ")$")
	return func(v any) error {
		if s, ok := v.(string); !ok || !re.MatchString(s) {
			return fmt.Errorf("%v is not as %s", v, re)
		}
		return nil
	}
}

func truth(v any) error {
	if _, ok := v.(bool); !ok {
		return fmt.Errorf("%T is no boolean", v)
	}
	return nil
}

func count0(v any) error {
	n, ok := v.(json.Number)
	if !ok {
		return fmt.Errorf("%T is no number", v)
	}
	if i, err := n.Int64(); err != nil || i < 0 {
		return fmt.Errorf("%s is no count", n)
	}
	return nil
}

func seconds(v any) error {
	n, ok := v.(json.Number)
	if !ok {
		return fmt.Errorf("%T is no number", v)
	}
	if f, err := n.Float64(); err != nil || f < 0 {
		return fmt.Errorf("%s is no duration", n)
	}
	return nil
}

func anything(any) error { return nil }

func orNull(c check) check {
	return func(v any) error {
		if v == nil {
			return nil
		}
		return c(v)
	}
}

func listOf(c check) check {
	return func(v any) error {
		list, ok := v.([]any)
		if !ok {
			return fmt.Errorf("%T is no list", v)
		}
		for i, item := range list {
			if err := c(item); err != nil {
				return fmt.Errorf("[%d]: %w", i, err)
			}
		}
		return nil
	}
}

const uuid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

var (
	digest = matching("sha256:[0-9a-f]{64}")
	commit = orNull(matching("[0-9a-f]{7,40}"))
	action = matching("create|update|deploy|undeploy|delete")

	// planShape is version 1 of the plan's JSON, key for key.
	planShape = planOf(text, digest, matching(uuid))
	// offlineShape is that of a plan that knows no host, no digests, and only
	// those ids that definitions pin.
	offlineShape = planOf(null, null, orNull(matching(uuid)))

	reportShape = func() shape {
		s := maps.Clone(planShape)
		s["results"] = listOf(shape{
			"action": action, "agent": text, "id": orNull(matching(uuid)),
			"outcome": matching("applied|failed|skipped|not attempted"), "error": orNull(text),
		}.check)
		s["requestsMade"], s["seconds"] = count0, seconds
		return s
	}()
)

// planOf is the form of a plan, with what its host, its digests and the ids of
// agents that no definition names have to be.
func planOf(host, digest, id check) shape {
	return shape{
		"formatVersion": one,
		"source":        shape{"path": text, "commit": commit, "dirty": truth, "history": matching("full|shallow|none")}.check,
		"target":        shape{"host": host, "organization": orNull(text), "env": orNull(text)}.check,
		"summary": shape{
			"create": count0, "update": count0, "deploy": count0, "undeploy": count0, "delete": count0,
			"unchanged": count0, "unmanaged": count0, "held": count0,
		}.check,
		"changes": listOf(shape{
			"action": action, "agent": text, "id": orNull(matching(uuid)), "file": orNull(text), "line": orNull(count0),
			"reason": text, "digest": digest,
			"fields": listOf(shape{
				"path": text, "before": anything, "after": anything, "sensitive": truth,
				"cause": matching("git|wassist|unknown"), "commit": commit,
			}.check),
		}.check),
		"held":      listOf(shape{"action": action, "agent": text, "id": orNull(matching(uuid)), "reason": text}.check),
		"refused":   listOf(shape{"rule": text, "agent": orNull(text), "reason": text, "liftable": truth}.check),
		"notes":     listOf(text),
		"unmanaged": listOf(shape{"agent": text, "id": id}.check),
		"requests":  shape{"planned": count0, "seconds": seconds}.check,
		"digest":    digest,
	}
}

// numbersShape and validationShape are version 1 of what numbers and validate write.
var (
	claimShape   = shape{"agent": text, "file": text, "line": count0}.check
	numbersShape = shape{
		"formatVersion": one,
		"target":        shape{"host": text, "organization": null, "env": orNull(text)}.check,
		"numbers": listOf(shape{
			"number": matching(`\+\d+`), "id": orNull(text), "account": orNull(text), "sandbox": truth,
			"agent": orNull(shape{"id": text, "name": orNull(text)}.check), "webhook": orNull(text), "definition": orNull(claimShape),
		}.check),
		"missing":      listOf(shape{"number": matching(`\+\d+`), "definition": claimShape}.check),
		"requestsMade": count0,
	}
	problemShape = shape{
		"file": orNull(text), "line": orNull(count0), "column": orNull(count0), "path": orNull(text), "message": text, "remedy": orNull(text),
	}.check
	validationShape = shape{
		"formatVersion": one, "path": text, "environments": listOf(text), "valid": truth, "definitions": orNull(count0), "files": orNull(count0),
		"problems": listOf(problemShape), "warnings": listOf(problemShape),
	}
)

func one(v any) error {
	if v != json.Number("1") {
		return fmt.Errorf("%v is not 1", v)
	}
	return nil
}

func null(v any) error {
	if v != nil {
		return fmt.Errorf("%v is not null", v)
	}
	return nil
}

// jsonfields FORM FILE wants one JSON object and nothing else, with all
// the keys of its form, no other, and the right types.
func jsonFields(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: jsonfields FORM FILE")
	}
	decoder := json.NewDecoder(strings.NewReader(ts.ReadFile(args[1])))
	decoder.UseNumber()
	var v any
	ts.Check(decoder.Decode(&v))
	if decoder.More() {
		ts.Fatalf("%s holds more than one JSON value", args[1])
	}
	form := map[string]shape{"plan": planShape, "offline": offlineShape, "report": reportShape, "numbers": numbersShape, "validation": validationShape}[args[0]]
	if err := form.check(v); err != nil {
		ts.Fatalf("%s: %v", args[1], err)
	}
}

// jsonValue FILE PATH [VALUE] compares one value of a JSON file, found by keys
// and positions with dots between them (len is a length), or prints it.
func jsonValue(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: json FILE PATH [VALUE]")
	}
	v := readJSON(ts, args[0])
	for _, key := range strings.Split(args[1], ".") {
		switch in := v.(type) {
		case map[string]any:
			value, ok := in[key]
			if !ok {
				ts.Fatalf("%s: there is no %s", args[1], key)
			}
			v = value
		case []any:
			if key == "len" {
				v = json.Number(strconv.Itoa(len(in)))
				continue
			}
			i, err := strconv.Atoi(key)
			if err != nil || i >= len(in) {
				ts.Fatalf("%s: there is no %s in %d", args[1], key, len(in))
			}
			v = in[i]
		default:
			ts.Fatalf("%s: %T has no %s", args[1], v, key)
		}
	}
	got, ok := v.(string)
	if !ok {
		b, err := json.Marshal(v)
		ts.Check(err)
		got = string(b)
	}
	if len(args) == 2 {
		fmt.Fprintln(ts.Stdout(), got)
		return
	}
	if (got == args[2]) == neg {
		ts.Fatalf("%s is %s", args[1], got)
	}
}
