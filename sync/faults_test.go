package sync_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/sync"
	"wassist-sync/wassist/simulator"
)

// steps are the writes of one clean apply of the bakery, and what must be
// skipped when the step fails for good.
var steps = []struct {
	change  string
	skipped []string
}{
	{"create Cakes", []string{"create Orders", "deploy +447700900111"}}, // bare
	{"create Orders", []string{"deploy +447700900111"}},                 // bare; Cakes fails half-way
	{"create Cakes", []string{"deploy +447700900111"}},                  // its fields
	{"create Orders", nil},  // its fields
	{"update Billing", nil}, //
	{"update Wholesale", []string{"deploy +447700900113", "delete Left 2"}}, //
	{"deploy +447700900111", nil},                                           //
	{"deploy +447700900113", []string{"delete Left 2"}},                     // the number still has it
	{"undeploy +447700900112", []string{"delete Left 2"}},                   //
	{"delete Left 1", nil},                                                  //
	{"delete Left 2", nil},                                                  //
}

func isWrite(r *http.Request) bool { return r.Method != http.MethodGet }

// cleanSummary is the state after an apply without faults.
func cleanSummary(t *testing.T) []string {
	t.Helper()
	b := newBakery(t, simulator.Options{})
	if err := b.apply(t, b.accepted(t)).Err(); err != nil {
		t.Fatal(err)
	}
	return b.summary()
}

// checkAppliedIsTrue compares a report with what Wassist holds: an applied
// change is in no new plan, and every change of the new plan failed before.
func (b *bakery) checkAppliedIsTrue(t *testing.T, r *sync.Report) {
	t.Helper()
	open := map[string]bool{}
	for _, c := range b.plan(t, b.set, pruning).Changes {
		what := c.Agent
		if c.Number != "" {
			what = c.Number
		}
		open[string(c.Action)+" "+what] = true
	}
	for _, line := range outcomes(r) {
		what, outcome, _ := strings.Cut(line, ": ")
		isOpen := open[what]
		if name, isCreate := strings.CutPrefix(what, "create "); isCreate {
			isOpen = isOpen || open["update "+name] // half-made
		}
		if outcome == "applied" && isOpen {
			t.Errorf("%s is reported applied, and a new plan has it again", what)
		}
	}
}

// checkRecovers runs once more without faults: the state is that of one clean
// run, no agent and no entry is there twice.
func (b *bakery) checkRecovers(t *testing.T, clean []string) {
	t.Helper()
	b.server.ClearFaults()
	if err := b.apply(t, b.accepted(t)).Err(); err != nil {
		t.Errorf("the second run failed: %v", err)
	}
	if d := cmp.Diff(clean, b.summary()); d != "" {
		t.Errorf("state after the second run (-clean +got):\n%s", d)
	}
	if left := b.plan(t, b.set, pruning); !left.Empty() {
		t.Errorf("left after the second run: %v", describe(left))
	}
}

// A write that the API refuses fails its change, skips what depends on it, and
// nothing else.
func TestRefusedWrites(t *testing.T) {
	t.Parallel()
	clean := cleanSummary(t)
	for i, step := range steps {
		t.Run(fmt.Sprintf("write %d", i+1), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBakery(t, simulator.Options{})
				p := b.accepted(t)
				b.server.Fault(simulator.Fault{Match: isWrite, Nth: i + 1, Kind: simulator.Status, Code: 400, Body: `{"detail":"no such luck"}`})
				r := b.apply(t, p)
				want := slices.Clone(bakeryOutcomes)
				for j, line := range want {
					what := strings.TrimSuffix(line, ": applied")
					switch {
					case what == step.change, i == 1 && what == "create Cakes":
						want[j] = what + ": failed"
					case slices.Contains(step.skipped, what):
						want[j] = what + ": skipped"
					}
				}
				if d := cmp.Diff(want, outcomes(r)); d != "" {
					t.Errorf("outcomes (-want +got):\n%s", d)
				}
				for _, res := range r.Results {
					if res.Outcome == sync.Skipped && res.Err == nil {
						t.Errorf("%s %s was skipped without a reason", res.Action, res.Agent)
					}
				}
				if err := r.Err().Error(); !strings.Contains(err, "no such luck") {
					t.Errorf("the error does not tell what the API said: %s", err)
				}
				b.checkAppliedIsTrue(t, r)
				b.checkRecovers(t, clean)
			})
		})
	}
}

// A write that fails once in a way that may pass is resolved in the same run:
// by asking what became of it, never by blindly repeating it.
func TestUncertainWrites(t *testing.T) {
	t.Parallel()
	clean := cleanSummary(t)
	for _, kind := range []simulator.Kind{simulator.Status, simulator.StatusAfter, simulator.DropBefore, simulator.DropAfter, simulator.TruncateBody, simulator.HangAfter} {
		for i, step := range steps {
			t.Run(fmt.Sprintf("%s, write %d", kind, i+1), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					b := newBakery(t, simulator.Options{})
					p := b.accepted(t)
					b.server.ResetLog()
					b.server.Fault(simulator.Fault{Match: isWrite, Nth: i + 1, Kind: kind})
					r := b.apply(t, p)
					want := bakeryOutcomes
					bare := i < 2
					before := kind == simulator.Status || kind == simulator.DropBefore
					if bare && before { // a create is never repeated
						want = slices.Clone(bakeryOutcomes)
						for j, line := range want {
							what := strings.TrimSuffix(line, ": applied")
							switch {
							case what == step.change, i == 1 && what == "create Cakes":
								want[j] = what + ": failed"
							case slices.Contains(step.skipped, what):
								want[j] = what + ": skipped"
							}
						}
					}
					if d := cmp.Diff(want, outcomes(r)); d != "" {
						t.Errorf("outcomes (-want +got):\n%s\n%v", d, r.Err())
					}
					creates := 0
					for _, line := range b.log() {
						if line == "POST agents/" {
							creates++
						}
					}
					if wantCreates := 2 - map[bool]int{true: 1}[i == 0 && before]; creates != wantCreates {
						t.Errorf("%d creates were sent, want %d", creates, wantCreates)
					}
					b.checkAppliedIsTrue(t, r)
					b.checkRecovers(t, clean)
				})
			})
		}
	}
}

// A write that keeps failing ends: three attempts, each after a fresh look.
func TestLastingFailure(t *testing.T) {
	t.Parallel()
	clean := cleanSummary(t)
	for _, tt := range []struct {
		attempts, want int
		method, path   string
		change         string
	}{
		{0, 3, "PATCH", "/api/v1/agents/", "update Billing"},
		{1, 1, "PATCH", "/api/v1/agents/", "update Billing"},
		{5, 5, "POST", "/api/v1/phone-numbers/447700900113/", "deploy +447700900113"},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := newBakery(t, simulator.Options{})
			p := b.accepted(t)
			b.server.ResetLog()
			b.server.Fault(simulator.Fault{Method: tt.method, PathPrefix: tt.path, Kind: simulator.DropBefore})
			r := applyWith(t, &sync.Applier{Reader: b.api, Writer: b.api, Attempts: tt.attempts}, p)
			if !slices.Contains(outcomes(r), tt.change+": failed") {
				t.Errorf("outcomes %q, want %s to fail", outcomes(r), tt.change)
			}
			tries := 0
			for _, line := range b.log() {
				if strings.HasPrefix(line, tt.method+" agents/Billing") || strings.HasPrefix(line, "POST phone-numbers/447700900113/") {
					if strings.HasPrefix(line, tt.method) && (tt.method == "PATCH") == strings.Contains(line, "agents") {
						tries++
					}
				}
			}
			if tries != tt.want {
				t.Errorf("%s was tried %d times, want %d", tt.change, tries, tt.want)
			}
			b.checkAppliedIsTrue(t, r)
			b.checkRecovers(t, clean)
		})
	}
}
