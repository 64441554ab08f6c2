package githubtest

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// State is all that the server knows. It can be written as JSON and read again.
type State struct {
	// Repository is OWNER/NAME.
	Repository string `json:"repository"`
	// Tokens are those that are let in.
	Tokens map[string]Account `json:"tokens"`
	// Denied lists permissions that no token has, such as "pull-requests: write".
	Denied   []string            `json:"denied"`
	Branches map[string]string   `json:"branches"`
	Commits  map[string][]string `json:"commits"` // with their parents
	Pulls    []*Pull             `json:"pulls"`
	Comments []*Comment          `json:"comments"`
	Issues   []*Issue            `json:"issues"`
	Runs     []*Run              `json:"runs"`
	// LastID is the last number that was given away.
	LastID int64 `json:"lastId"`
}

// Account is a user of GitHub.
type Account struct {
	Login string `json:"login"`
	Type  string `json:"type"` // User or Bot
	// Workflow is the token of a workflow, which may not ask who it is.
	Workflow bool `json:"workflow,omitempty"`
}

// Workflow is the account of every workflow's own token.
var Workflow = Account{Login: "github-actions[bot]", Type: "Bot", Workflow: true}

// Pull is a pull request.
type Pull struct {
	Number int    `json:"number"`
	Base   string `json:"base"` // a branch
	Head   string `json:"head"` // a commit
	// Commits are those of its base that it came with, once it is merged.
	Commits []string `json:"commits"`
	Merged  bool     `json:"merged"`
	// MergedAt is now for one that is merged and does not say when.
	MergedAt time.Time `json:"mergedAt,omitzero"`
}

// Comment is on a pull request or an issue.
type Comment struct {
	ID     int64   `json:"id"`
	Number int     `json:"number"`
	User   Account `json:"user"`
	Body   string  `json:"body"`
	Edits  int     `json:"edits"`
	// Updated is when it was written or edited through the API.
	Updated time.Time `json:"updated,omitzero"`
}

// Issue is an issue that is no pull request.
type Issue struct {
	Number int      `json:"number"`
	Title  string   `json:"title"`
	Body   string   `json:"body"`
	State  string   `json:"state"`
	Labels []string `json:"labels"`
	User   Account  `json:"user"`
	Edits  int      `json:"edits"`
}

// Run is a run of a workflow.
type Run struct {
	ID         int64     `json:"id"`
	Workflow   int64     `json:"workflow"`
	Branch     string    `json:"branch"`
	Event      string    `json:"event"`
	SHA        string    `json:"sha"`
	Status     string    `json:"status"`
	Conclusion string    `json:"conclusion"`
	Created    time.Time `json:"created"`
	Updated    time.Time `json:"updated"`
}

func (s *State) normalize() {
	if s.Repository == "" {
		s.Repository = "bakery/agents"
	}
	if s.Tokens == nil {
		s.Tokens = map[string]Account{}
	}
	if s.Branches == nil {
		s.Branches = map[string]string{}
	}
	if s.Commits == nil {
		s.Commits = map[string][]string{}
	}
}

func (s *State) nextID() int64 {
	s.LastID++
	return s.LastID
}

func (s *State) pull(number int) *Pull {
	for _, p := range s.Pulls {
		if p.Number == number {
			return p
		}
	}
	return nil
}

func (s *State) issue(number int) *Issue {
	for _, i := range s.Issues {
		if i.Number == number {
			return i
		}
	}
	return nil
}

// ancestors are all commits that lead to one, itself among them.
func (s *State) ancestors(sha string) map[string]bool {
	seen := map[string]bool{}
	for todo := []string{sha}; len(todo) > 0; {
		at := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if !seen[at] {
			seen[at] = true
			todo = append(todo, s.Commits[at]...)
		}
	}
	return seen
}

// between lists the commits of head that base does not have, parents first.
func (s *State) between(base, head string) []string {
	old, seen := s.ancestors(base), map[string]bool{}
	var out []string
	var visit func(string)
	visit = func(at string) {
		if old[at] || seen[at] {
			return
		}
		seen[at] = true
		for _, parent := range s.Commits[at] {
			visit(parent)
		}
		out = append(out, at)
	}
	visit(head)
	return out
}

// Push teaches the server commits, and moves a branch. log is what
// git log --format='%H %P' prints.
func (s *State) Push(branch, log string) error {
	lines := strings.Split(strings.TrimSpace(log), "\n")
	for _, line := range lines {
		hashes := strings.Fields(line)
		if len(hashes) == 0 || slices.ContainsFunc(hashes, func(h string) bool { return len(h) != 40 }) {
			return fmt.Errorf("%q is not a commit with its parents", line)
		}
		s.Commits[hashes[0]] = hashes[1:]
	}
	s.Branches[branch] = strings.Fields(lines[0])[0]
	return nil
}

// OpenPull makes a pull request, or moves the head of one.
func (s *State) OpenPull(number int, base, head string) {
	if p := s.pull(number); p != nil {
		p.Head = head
		return
	}
	s.Pulls = append(s.Pulls, &Pull{Number: number, Base: base, Head: head})
}

// MergePull marks a pull request as merged; these commits came with it.
func (s *State) MergePull(number int, commits ...string) error {
	p := s.pull(number)
	if p == nil {
		return fmt.Errorf("there is no pull request %d", number)
	}
	p.Merged, p.Commits = true, append(p.Commits, commits...)
	return nil
}

// AddComment lets somebody comment.
func (s *State) AddComment(number int, user Account, body string) *Comment {
	c := &Comment{ID: s.nextID(), Number: number, User: user, Body: body}
	s.Comments = append(s.Comments, c)
	return c
}

// SetRun adds a run, or puts it in the place of the one with its id.
func (s *State) SetRun(run Run) {
	for i, r := range s.Runs {
		if r.ID == run.ID {
			run.Created = r.Created
			s.Runs[i] = &run
			return
		}
	}
	s.Runs = append(s.Runs, &run)
}
