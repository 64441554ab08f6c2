package main

import (
	"bufio"
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
)

// The action, the reusable workflows and the page that describes them say the
// same things in three places. These tests hold them together.

// publicHome is where the project's action is found; one place to change.
const publicHome = "wassist-sync/wassist-sync"

type actionInput struct {
	Description string
	Default     any
	Required    bool
}

type workflowStep struct {
	Name, ID, If, Uses, Run, Shell string
	With, Env                      map[string]string
}

type actionFile struct {
	Inputs  map[string]actionInput
	Outputs map[string]struct{ Description, Value string }
	Runs    struct {
		Using string
		Steps []workflowStep
	}
}

type workflowJob struct {
	Uses        string
	If          string
	Permissions map[string]string
	Concurrency struct{ Group string }
	With        map[string]string
	Secrets     map[string]string
	Steps       []workflowStep
}

type workflowFile struct {
	On   yaml.Node
	Jobs map[string]workflowJob
}

// call is what a reusable workflow takes.
type call struct {
	Inputs  map[string]actionInput
	Secrets map[string]actionInput
}

func (w *workflowFile) call(t *testing.T) call {
	t.Helper()
	var on struct {
		Call call `yaml:"workflow_call"`
	}
	if err := w.On.Decode(&on); err != nil {
		t.Fatal(err)
	}
	return on.Call
}

func readYAML(t *testing.T, name string, into any) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(projectRoot, name))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(b, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

func readAction(t *testing.T) actionFile {
	t.Helper()
	var action actionFile
	readYAML(t, "action.yml", &action)
	if len(action.Inputs) == 0 || len(action.Outputs) == 0 || len(action.Runs.Steps) == 0 {
		t.Fatal("action.yml is not read as it should be")
	}
	return action
}

// ownWorkflows reads the reusable workflows by their names.
func ownWorkflows(t *testing.T) map[string]workflowFile {
	t.Helper()
	all := map[string]workflowFile{}
	for _, name := range []string{"plan.yml", "apply.yml", "reconcile.yml"} {
		var w workflowFile
		readYAML(t, filepath.Join(".github", "workflows", name), &w)
		all[name] = w
	}
	return all
}

// documentedWorkflows are the examples in docs/github.md.
func documentedWorkflows(t *testing.T) map[string]workflowFile {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(projectRoot, "docs", "github.md"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]workflowFile{}
	for i, block := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllSubmatch(page, -1) {
		var w workflowFile
		if err := yaml.Unmarshal(block[1], &w); err != nil {
			t.Fatalf("example %d: %v", i+1, err)
		}
		all[fmt.Sprintf("example %d of docs/github.md", i+1)] = w
	}
	if len(all) < 3 {
		t.Fatalf("docs/github.md has %d examples", len(all))
	}
	return all
}

func TestWorkflowsGiveTheActionWhatItTakes(t *testing.T) {
	action, reusable := readAction(t), ownWorkflows(t)
	everything := documentedWorkflows(t)
	for name, w := range reusable {
		everything[name] = w
	}
	steps, calls := 0, 0
	for name, w := range everything {
		for job, j := range w.Jobs {
			if called, ok := strings.CutPrefix(j.Uses, publicHome+"/.github/workflows/"); ok {
				calls++
				file, _, _ := strings.Cut(called, "@")
				workflow, known := reusable[file]
				if !known {
					t.Errorf("%s, %s: there is no %s", name, job, file)
					continue
				}
				takes := workflow.call(t)
				unknown(t, name+", "+job, "input", j.With, takes.Inputs)
				unknown(t, name+", "+job, "secret", j.Secrets, takes.Secrets)
				for secret, s := range takes.Secrets {
					if _, given := j.Secrets[secret]; s.Required && !given {
						t.Errorf("%s, %s: %s needs the secret %s", name, job, file, secret)
					}
				}
				for _, inner := range workflow.Jobs {
					if diff := cmp.Diff(inner.Permissions, j.Permissions); diff != "" {
						t.Errorf("%s, %s: the permissions are not those that %s needs (-needs +has):\n%s", name, job, file, diff)
					}
				}
			}
			for _, s := range j.Steps {
				if strings.HasPrefix(s.Uses, publicHome+"@") {
					steps++
					unknown(t, name+", "+job, "input", s.With, action.Inputs)
				}
			}
		}
	}
	if steps < 4 || calls < 5 {
		t.Errorf("only %d steps and %d calls were looked at", steps, calls)
	}
}

func unknown(t *testing.T, where, what string, given map[string]string, takes map[string]actionInput) {
	t.Helper()
	for name := range given {
		if _, ok := takes[name]; !ok {
			t.Errorf("%s: there is no %s %q", where, what, name)
		}
	}
}

// TestWorkflowsPassOnWhatTheyTake: an input that a workflow declares and does
// not hand to its step does nothing, silently.
func TestWorkflowsPassOnWhatTheyTake(t *testing.T) {
	for name, w := range ownWorkflows(t) {
		b, err := os.ReadFile(filepath.Join(projectRoot, ".github", "workflows", name))
		if err != nil {
			t.Fatal(err)
		}
		takes := w.call(t)
		// Without the other one, prune: all is always refused.
		for _, both := range []string{"prune", "confirm-organization"} {
			if _, ok := takes.Inputs[both]; !ok {
				t.Errorf("%s has no input %s", name, both)
			}
		}
		for input := range takes.Inputs {
			if !regexp.MustCompile(`\binputs\.` + input + `\b`).Match(b) {
				t.Errorf("%s does nothing with its input %s", name, input)
			}
		}
		for secret := range takes.Secrets {
			if !regexp.MustCompile(`\bsecrets\.` + secret + `\b`).Match(b) {
				t.Errorf("%s does nothing with its secret %s", name, secret)
			}
		}
	}
}

// TestNoExpressionInShellText: what stands in ${{ }} is replaced before a shell
// reads the text, so that an input could say what the shell does.
func TestNoExpressionInShellText(t *testing.T) {
	check := func(where string, steps []workflowStep) (runs int) {
		for _, s := range steps {
			if s.Run != "" {
				runs++
			}
			if strings.Contains(s.Run, "${{") {
				t.Errorf("%s: the step %q has an expression in its script", where, s.Name)
			}
		}
		return runs
	}
	if check("action.yml", readAction(t).Runs.Steps) < 3 {
		t.Error("action.yml has too few scripts to be read right")
	}
	files, err := filepath.Glob(filepath.Join(projectRoot, ".github", "workflows", "*.yml"))
	if err != nil || len(files) < 4 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		var w workflowFile
		readYAML(t, filepath.Join(".github", "workflows", filepath.Base(file)), &w)
		for _, j := range w.Jobs {
			check(filepath.Base(file), j.Steps)
		}
	}
}

// TestActionsArePinned: by commit, with the version beside it; a tag can be
// moved under us.
func TestActionsArePinned(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(projectRoot, ".github", "workflows", "*.yml"))
	if err != nil {
		t.Fatal(err)
	}
	pinned := regexp.MustCompile(`uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)*$`)
	seen := 0
	for _, file := range append(files, filepath.Join(projectRoot, "action.yml"), filepath.Join(projectRoot, "docs", "github.md")) {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for lines := bufio.NewScanner(bytes.NewReader(b)); lines.Scan(); {
			line := lines.Text()
			if !strings.Contains(line, "uses: ") || strings.Contains(line, "uses: "+publicHome) {
				continue
			}
			if seen++; !pinned.MatchString(line) {
				t.Errorf("%s: not pinned by commit and version: %s", filepath.Base(file), strings.TrimSpace(line))
			}
		}
	}
	if seen < 8 {
		t.Errorf("only %d uses were looked at", seen)
	}
}

// TestDocumentedInputs: the page has a row for each input and output, in the
// words of action.yml.
func TestDocumentedInputs(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(projectRoot, "docs", "github.md"))
	if err != nil {
		t.Fatal(err)
	}
	action := readAction(t)
	var want []string
	for name, input := range action.Inputs {
		value := ""
		if s := fmt.Sprint(input.Default); s != "" {
			value = "`" + s + "`"
		}
		want = append(want, fmt.Sprintf("| `%s` | %s | %s |", name, value, input.Description))
	}
	for name, output := range action.Outputs {
		want = append(want, fmt.Sprintf("| `%s` | %s |", name, output.Description))
	}
	_, tables, ok := strings.Cut(string(page), "| Input | Default | |\n")
	if !ok {
		t.Fatal("docs/github.md has no table of inputs")
	}
	var got []string
	for line := range strings.SplitSeq(tables, "\n") {
		if strings.HasPrefix(line, "| `") {
			got = append(got, line)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("docs/github.md (-action.yml +page):\n%s", diff)
	}
}

// TestActionFindsItselfInContainers: in a job that runs in a container, the
// expression names a path outside of it, and the variable one inside.
func TestActionFindsItselfInContainers(t *testing.T) {
	action := readAction(t)
	for _, s := range action.Runs.Steps {
		for _, text := range append(slices.Collect(maps.Values(s.With)), slices.Collect(maps.Values(s.Env))...) {
			if strings.Contains(text, "github.action_path") {
				t.Errorf("the step %q goes by %s", s.Name, text)
			}
		}
	}
	if first := action.Runs.Steps[0]; !strings.Contains(first.Run, "$GITHUB_ACTION_PATH/") {
		t.Errorf("the first step runs %s", first.Run)
	}
}

// TestJobsOfSeveralFoldersDoNotCancelEachOther: of one group GitHub lets one job
// run and one wait, and cancels the others.
func TestJobsOfSeveralFoldersDoNotCancelEachOther(t *testing.T) {
	for name, job := range map[string]string{"plan.yml": "plan", "reconcile.yml": "reconcile"} {
		group := ownWorkflows(t)[name].Jobs[job].Concurrency.Group
		for _, part := range []string{"inputs.path", "inputs.api-url", "inputs.env"} {
			if !strings.Contains(group, part) {
				t.Errorf("%s: the group %q does not hold %s", name, group, part)
			}
		}
	}
}
