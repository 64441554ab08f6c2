package github

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
)

// Run is what the environment of a workflow says, and the event that began it.
// Outside of a workflow all of it is empty.
type Run struct {
	Owner, Repo string
	// Event is what began the run, such as pull_request, push or schedule.
	Event string
	// SHA is the commit that was checked out: of a pull request, the one that
	// merging would make.
	SHA string
	// Branch is empty when the run is about no branch but a tag or a pull request.
	Branch string
	// ID is the same for all attempts of a run.
	ID                int64
	ServerURL, APIURL string
	// Pull is nil when the event is about no pull request.
	Pull *Pull
	// Before is the commit that the branch had before a push; empty when unknown.
	Before string

	// Workspace, SummaryFile and OutputFile are the runner's; empty without one.
	Workspace, SummaryFile, OutputFile string
}

// Pull is the pull request that an event is about.
type Pull struct {
	Number int
	// Head and Base are commits.
	Head, Base string
	// Merge tells that the run is about the commit that merging would make, whose
	// first parent is the base as it is now. Base may be older.
	Merge bool
	// Fork tells that the head is in another repository, so that the run has no
	// secrets and may not write.
	Fork bool
}

var (
	repositoryForm = regexp.MustCompile(`^([A-Za-z0-9_.-]+)/([A-Za-z0-9_.-]+)$`)
	mergeForm      = regexp.MustCompile(`^refs/pull/[0-9]+/merge$`)
	commitForm     = regexp.MustCompile(`^[0-9a-f]{40}([0-9a-f]{24})?$`)
)

// maxEvent is how large an event may be; GitHub's own limit is 25 MB.
const maxEvent = 32 << 20

// ReadRun reads the runner's variables and the event's file. An error names the
// variable that is wrong.
func ReadRun(lookupEnv func(string) (string, bool)) (*Run, error) {
	get := func(name string) string { value, _ := lookupEnv(name); return value }
	r := &Run{
		Event: get("GITHUB_EVENT_NAME"), SHA: get("GITHUB_SHA"),
		ServerURL: "https://github.com", APIURL: "https://api.github.com",
		Workspace: get("GITHUB_WORKSPACE"), SummaryFile: get("GITHUB_STEP_SUMMARY"), OutputFile: get("GITHUB_OUTPUT"),
	}
	if repository := get("GITHUB_REPOSITORY"); repository != "" {
		m := repositoryForm.FindStringSubmatch(repository)
		if m == nil {
			return nil, fmt.Errorf("GITHUB_REPOSITORY %q is not OWNER/NAME", repository)
		}
		r.Owner, r.Repo = m[1], m[2]
	}
	if r.SHA != "" && !commitForm.MatchString(r.SHA) {
		return nil, fmt.Errorf("GITHUB_SHA %q is not the hash of a commit", r.SHA)
	}
	ref := get("GITHUB_REF")
	if branch, ok := strings.CutPrefix(ref, "refs/heads/"); ok {
		r.Branch = branch
	}
	if id := get("GITHUB_RUN_ID"); id != "" {
		var err error
		if r.ID, err = strconv.ParseInt(id, 10, 64); err != nil {
			return nil, fmt.Errorf("GITHUB_RUN_ID %q is not a number", id)
		}
	}
	for name, to := range map[string]*string{"GITHUB_SERVER_URL": &r.ServerURL, "GITHUB_API_URL": &r.APIURL} {
		if err := address(name, get(name), to); err != nil {
			return nil, err
		}
	}
	if err := r.readEvent(get("GITHUB_EVENT_PATH")); err != nil {
		return nil, err
	}
	if r.Pull != nil {
		r.Pull.Merge = mergeForm.MatchString(ref)
	}
	return r, nil
}

func address(name, value string, to *string) error {
	if value == "" {
		return nil
	}
	u, err := url.Parse(value)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || u.User != nil {
		return fmt.Errorf("%s is not an address such as %s", name, *to)
	}
	*to = strings.TrimRight(value, "/")
	return nil
}

// event is what matters of the events that a workflow can begin with. Whatever
// else an event says, and whatever it leaves out, is no mistake.
type event struct {
	Number      int
	Before      string
	PullRequest *struct {
		Number     int
		Head, Base struct {
			SHA  string
			Repo *struct {
				FullName string `json:"full_name"`
			}
		}
	} `json:"pull_request"`
}

func (r *Run) readEvent(file string) error {
	if file == "" {
		return nil
	}
	info, err := os.Stat(file)
	var path *fs.PathError
	switch {
	case errors.As(err, &path):
		return fmt.Errorf("GITHUB_EVENT_PATH: cannot read %s: %w", file, path.Err)
	case err != nil:
		return fmt.Errorf("GITHUB_EVENT_PATH: %w", err)
	case info.Size() > maxEvent:
		return fmt.Errorf("GITHUB_EVENT_PATH: %s has %d bytes, which no event has", file, info.Size())
	}
	text, err := os.ReadFile(file)
	if errors.As(err, &path) {
		return fmt.Errorf("GITHUB_EVENT_PATH: cannot read %s: %w", file, path.Err)
	} else if err != nil {
		return fmt.Errorf("GITHUB_EVENT_PATH: %w", err)
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return nil
	}
	var e event
	if err := json.Unmarshal(text, &e); err != nil {
		return fmt.Errorf("GITHUB_EVENT_PATH: %s is not the JSON of an event: %w", file, err)
	}
	if commitForm.MatchString(e.Before) && strings.Trim(e.Before, "0") != "" {
		r.Before = e.Before
	}
	if p := e.PullRequest; p != nil {
		r.Pull = &Pull{Number: p.Number, Head: p.Head.SHA, Base: p.Base.SHA}
		if r.Pull.Number == 0 {
			r.Pull.Number = e.Number
		}
		// The repository of a fork may be gone, and is then null.
		r.Pull.Fork = p.Head.Repo == nil || p.Base.Repo == nil || !strings.EqualFold(p.Head.Repo.FullName, p.Base.Repo.FullName)
		for _, commit := range []*string{&r.Pull.Head, &r.Pull.Base} {
			if !commitForm.MatchString(*commit) {
				*commit = ""
			}
		}
		r.Branch = "" // pull_request_target has the base's ref
	}
	return nil
}

// URL is the page of the run; empty outside of a workflow.
func (r *Run) URL() string {
	if r.Owner == "" || r.ID == 0 {
		return ""
	}
	return fmt.Sprintf("%s/%s/%s/actions/runs/%d", r.ServerURL, r.Owner, r.Repo, r.ID)
}

// Commit is the one that people know: of a pull request its own last one, and
// not the one that merging would make.
func (r *Run) Commit() string {
	if r.Pull != nil && r.Pull.Head != "" {
		return r.Pull.Head
	}
	return r.SHA
}
