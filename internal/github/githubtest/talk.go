package githubtest

import (
	"encoding/json"
	"net/http"
	"slices"
	"unicode/utf8"
)

// maxBody is GitHub's limit on comments and issues, in characters.
const maxBody = 65536

func (s *Server) getUser(w http.ResponseWriter, _ *http.Request, who Account) {
	if who.Workflow {
		refuse(w)
		return
	}
	answer(w, http.StatusOK, user(who))
}

func user(a Account) map[string]any { return map[string]any{"login": a.Login, "type": a.Type} }

// sent is what requests of this server's own can hold.
type sent struct {
	Title       *string
	Body        *string
	State       *string
	StateReason *string `json:"state_reason"`
	Labels      []string
}

// read reads what was sent, or answers that it is wrong.
func read(w http.ResponseWriter, r *http.Request) (sent, bool) {
	var in sent
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&in); err != nil {
		message(w, http.StatusBadRequest, "Problems parsing JSON: "+err.Error())
		return in, false
	}
	if in.Body != nil && utf8.RuneCountInString(*in.Body) > maxBody {
		message(w, http.StatusUnprocessableEntity, "Body is too long (maximum is 65536 characters)")
		return in, false
	}
	return in, true
}

func commentJSON(c *Comment) map[string]any {
	return map[string]any{"id": c.ID, "user": user(c.User), "body": c.Body, "updated_at": c.Updated}
}

func (s *Server) listComments(w http.ResponseWriter, r *http.Request, _ Account) {
	number := int(pathNumber(r, "number"))
	if s.state.pull(number) == nil && s.state.issue(number) == nil {
		message(w, http.StatusNotFound, "Not Found")
		return
	}
	all := []map[string]any{}
	for _, c := range s.state.Comments {
		if c.Number == number {
			all = append(all, commentJSON(c))
		}
	}
	paged(w, r, all, plain)
}

func (s *Server) createComment(w http.ResponseWriter, r *http.Request, who Account) {
	number := int(pathNumber(r, "number"))
	permission := "pull-requests: write"
	if s.state.issue(number) != nil {
		permission = "issues: write"
	} else if s.state.pull(number) == nil {
		message(w, http.StatusNotFound, "Not Found")
		return
	}
	if slices.Contains(s.state.Denied, permission) {
		refuse(w)
		return
	}
	if in, ok := read(w, r); ok && in.Body != nil {
		c := s.state.AddComment(number, who, *in.Body)
		c.Updated = s.Now()
		answer(w, http.StatusCreated, commentJSON(c))
	}
}

func (s *Server) editComment(w http.ResponseWriter, r *http.Request, who Account) {
	in, ok := read(w, r)
	if !ok {
		return
	}
	for _, c := range s.state.Comments {
		if c.ID != pathNumber(r, "id") {
			continue
		}
		if c.User.Login != who.Login || in.Body == nil {
			refuse(w)
			return
		}
		c.Body = *in.Body
		c.Edits++
		c.Updated = s.Now()
		answer(w, http.StatusOK, commentJSON(c))
		return
	}
	message(w, http.StatusNotFound, "Not Found")
}

func issueJSON(i *Issue) map[string]any {
	labels := []map[string]any{}
	for _, l := range i.Labels {
		labels = append(labels, map[string]any{"name": l})
	}
	return map[string]any{"number": i.Number, "title": i.Title, "body": i.Body, "state": i.State, "labels": labels, "user": user(i.User)}
}

func (s *Server) listIssues(w http.ResponseWriter, r *http.Request, _ Account) {
	query := r.URL.Query()
	all := []map[string]any{}
	// By age, and of everybody: whom a search by creator leaves out is GitHub's to
	// say, and nothing that may be relied on.
	for _, i := range s.state.Issues {
		if query.Get("state") == "all" || i.State == query.Get("state") {
			all = append(all, issueJSON(i))
		}
	}
	if query.Get("direction") != "asc" {
		slices.Reverse(all)
	}
	paged(w, r, all, plain)
}

func (s *Server) createIssue(w http.ResponseWriter, r *http.Request, who Account) {
	in, ok := read(w, r)
	switch {
	case !ok:
		return
	case in.Title == nil || *in.Title == "":
		message(w, http.StatusUnprocessableEntity, "Validation Failed")
		return
	case len(in.Labels) > 0 && slices.Contains(s.state.Denied, "labels"):
		message(w, http.StatusUnprocessableEntity, "Validation Failed: labels")
		return
	}
	// Pull requests and issues share their numbers.
	number := 1000 + len(s.state.Issues)
	i := &Issue{Number: number, Title: *in.Title, State: "open", Labels: in.Labels, User: who}
	if in.Body != nil {
		i.Body = *in.Body
	}
	s.state.Issues = append(s.state.Issues, i)
	answer(w, http.StatusCreated, issueJSON(i))
}

func (s *Server) editIssue(w http.ResponseWriter, r *http.Request, _ Account) {
	in, ok := read(w, r)
	if !ok {
		return
	}
	i := s.state.issue(int(pathNumber(r, "number")))
	if i == nil {
		message(w, http.StatusNotFound, "Not Found")
		return
	}
	for _, change := range []struct{ from, to *string }{{in.Title, &i.Title}, {in.Body, &i.Body}, {in.State, &i.State}} {
		if change.from != nil {
			*change.to = *change.from
		}
	}
	i.Edits++
	answer(w, http.StatusOK, issueJSON(i))
}
