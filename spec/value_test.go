package spec

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestValueString(t *testing.T) {
	v := &Value{Kind: Object, Members: []Member{
		{Key: "a", Value: &Value{Kind: List, Items: []*Value{{Kind: Text, Text: "x"}, {Kind: Number, Text: "1.50"}, {Kind: Bool, Bool: true}, {Kind: Null}}}},
		{Key: "b", Value: &Value{Kind: Text, Text: "secret", Sensitive: true}},
	}}
	want := `{a: ["x", 1.50, true, null], b: (sensitive)}`
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(format, v); got != want {
			t.Errorf("%s gives %s, want %s", format, got, want)
		}
	}
	var absent *Value
	if absent.String() != "absent" || absent.Get("a") != nil || absent.Unresolved() || v.Get("c") != nil {
		t.Error("an absent value is not absent")
	}
	if got := fmt.Sprint(Null, Text, Bool, Number, List, Object); got != "null text a boolean a number a list a mapping" {
		t.Errorf("kinds are called %s", got)
	}
}

func TestProblemsUnwrap(t *testing.T) {
	_, err := Load(files("agents/a.yaml", "name: A\nx: 1\ny: 2\n"), "agents")
	var p *Problem
	if !errors.As(err, &p) || p.Pos != (Position{"agents/a.yaml", 2, 1}) || p.Field != "x" || p.Message != "is not a known key" || !strings.HasPrefix(p.Remedy, "known keys are name, ") {
		t.Errorf("the first problem is %#v", p)
	}
	if got := err.Error(); strings.Count(got, "\n") != 1 {
		t.Errorf("two problems give %q", got)
	}
}

// The bound is on what aliases add, not on what is written.
func TestAliasBound(t *testing.T) {
	src := func(n int) string {
		return "name: A\ndescription: &d x\nicebreakers: [y" + strings.Repeat(",*d", n) + strings.Repeat(",z", 1000) + "]\n"
	}
	if set := mustLoad(t, files("agents/a.yaml", src(maxExpansion))); len(set.Agents[0].Fields.Get("icebreakers").Items) != maxExpansion+1001 {
		t.Error("aliases within the bound are not written out")
	}
	_, err := Load(files("agents/a.yaml", src(maxExpansion+1)), "agents")
	if got := lines(t, err); len(got) != 1 || !strings.Contains(got[0], "grows too large when its aliases are written out") {
		t.Errorf("aliases beyond the bound: %q", got)
	}
}

func TestCollectorStoresABoundedNumber(t *testing.T) {
	var c collector
	for range 3 * maxProblems {
		c.addf(Position{File: "f", Line: 1, Column: 1}, "", "r", "p")
		c.warnf(Position{File: "f", Line: 1, Column: 1}, "", "r", "w")
	}
	if len(c.problems) != maxProblems || c.dropped != 2*maxProblems || len(c.warnings) != maxProblems {
		t.Errorf("%d problems, %d dropped, %d warnings", len(c.problems), c.dropped, len(c.warnings))
	}
}

func TestMaxLength(t *testing.T) {
	var c collector
	f := &Field{Name: "f", Type: TypeText, MaxLength: 3}
	for _, text := range []string{"üüü", "abcd"} {
		(&checker{&c}).text(f, &Value{Kind: Text, Text: text, Pos: Position{"x.yaml", 1, 2}}, "f")
	}
	if got := c.problems.Error(); got != "x.yaml:1:2: f: is 4 characters long, at most 3 are allowed; shorten it" {
		t.Errorf("problems %q", got)
	}
}

func TestMemberWithoutAValue(t *testing.T) {
	if got := MemberAt("key", Position{File: "a.yaml", Line: 2, Column: 3}, nil).Pos(); got != (Position{Line: 2, Column: 3}) {
		t.Errorf("position %v", got)
	}
}
