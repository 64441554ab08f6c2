package simulator_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/wassist/simulator"
)

// TestStateFile: a second simulator carries on where the first stopped, and
// nobody else can read the file.
func TestStateFile(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "state.json")
	o := simulator.Options{StateFile: name, Seed: 3, Organization: "Shop"}
	a := inProcess(t, o)
	if _, err := os.Stat(name); !os.IsNotExist(err) {
		t.Fatalf("the file exists before the first change: %v", err)
	}
	a.want(400, "POST", "agents/", `{}`)
	if _, err := os.Stat(name); !os.IsNotExist(err) {
		t.Fatalf("the file exists after a request that changed nothing: %v", err)
	}
	id := a.create("x")
	body := fullAgent(a)
	body["name"] = "x"
	body["documents"] = nil
	delete(body, "documents")
	a.want(200, "PATCH", "agents/"+id+"/", encode(t, body))
	a.want(200, "POST", "phone-numbers/"+onHook+"/connect-agent/", `{"agentId":"`+id+`"}`)
	a.want(201, "POST", "whatsapp-link-sessions/", `{}`)
	sim := a.want(201, "POST", "simulations/", `{"agent":"`+id+`"}`)["id"].(string)
	gone := a.create("gone")
	a.do("DELETE", "agents/"+gone+"/", "")

	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, want 0600", info.Mode())
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(name), ".*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	saved, err := os.ReadFile(name)
	if err != nil || string(saved) != string(a.s.State()) {
		t.Errorf("the file is not the state (%v)", err)
	}

	o.Organization = "Another" // the file decides
	b := inProcess(t, o)
	for _, path := range []string{"agents/", "agents/" + id + "/", "phone-numbers/", "whatsapp-accounts/", "integrations/connectors/", "whatsapp-link-sessions/", "simulations/" + sim + "/"} {
		same(t, path, b.do("GET", path, "").body, a.do("GET", path, "").body)
	}
	b.want(404, "GET", "agents/"+gone+"/", "")
	// With a Seed, ids go on too and do not start again.
	if ids := []string{id, gone, b.create("new")}; ids[2] == id || ids[2] == gone {
		t.Errorf("id %s was given twice", ids[2])
	}
}

func TestBadStateFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for content, want := range map[string]string{
		"{":              "is not one",
		"":               "is not one",
		`{"version":99}`: "has version 99",
	} {
		name := filepath.Join(dir, "state.json")
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := simulator.New(simulator.Options{StateFile: name}); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), name) {
			t.Errorf("%q: error %v, want %q and the file's name", content, err, want)
		}
	}
	if _, err := simulator.New(simulator.Options{StateFile: dir}); err == nil || !strings.Contains(err.Error(), "reading the state file") {
		t.Errorf("a folder: error %v", err)
	}
	// A file that cannot be written is not passed over in silence: not at the
	// start, and not when it comes to be so later.
	name := filepath.Join(dir, "none", "state.json")
	if _, err := simulator.New(simulator.Options{StateFile: name}); err == nil || !strings.Contains(err.Error(), "cannot be written") {
		t.Errorf("a missing folder: error %v", err)
	}
	folder := filepath.Join(dir, "taken")
	a := inProcess(t, simulator.Options{StateFile: folder})
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if res := a.do("POST", "agents/", `{"name":"x"}`); res.status != 500 {
		t.Errorf("status %d, want 500: the rename cannot work", res.status)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestSeedRepeats: the same seed and the same calls make the same ids, another
// seed others.
func TestSeedRepeats(t *testing.T) {
	t.Parallel()
	run := func(seed int64) []byte {
		a := inProcess(t, simulator.Options{Seed: seed, Now: fixedClock()})
		a.s.AddAgent(fullAgent(a))
		return a.s.State()
	}
	if diff := cmp.Diff(string(run(1)), string(run(1))); diff != "" {
		t.Errorf("two runs differ:\n%s", diff)
	}
	if string(run(1)) == string(run(2)) {
		t.Error("two seeds gave the same ids")
	}
	if one, two := string(run(0)), string(run(0)); one == two {
		t.Error("without a seed, two runs gave the same ids")
	}
}

// TestConcurrentUse is for the race detector, and loses no create.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	a := overSocket(t, simulator.Options{RateLimit: -1, StateFile: filepath.Join(t.TempDir(), "s.json")})
	a.s.Fault(simulator.Fault{Method: "PUT", Nth: 3, Kind: simulator.Status})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 5 {
				id := a.create("x")
				a.do("PATCH", "agents/"+id+"/", `{"websiteTools":[{"url":"u","prompt":""}]}`)
				a.do("GET", "agents/", "")
				a.do("PUT", "phone-numbers/", "")
				if err := a.s.EditAgent(id, map[string]any{"description": "d"}); err != nil {
					t.Error(err)
				}
				a.s.Numbers()
				a.s.State()
			}
		})
	}
	wg.Wait()
	if n := len(a.s.Agents()); n != 40 {
		t.Errorf("%d agents, want 40", n)
	}
	if n := len(a.s.Requests()); n != 160 {
		t.Errorf("%d requests, want 160", n)
	}
	if !slices.ContainsFunc(a.s.Requests(), func(r simulator.Request) bool { return r.Fault == simulator.Status }) {
		t.Error("the third PUT was not faulted")
	}
}
