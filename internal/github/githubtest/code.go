package githubtest

import (
	"net/http"
	"slices"
	"strings"
)

func (s *Server) getBranch(w http.ResponseWriter, r *http.Request, _ Account) {
	tip, ok := s.state.Branches[r.PathValue("branch")]
	if !ok {
		message(w, http.StatusNotFound, "Branch not found")
		return
	}
	answer(w, http.StatusOK, map[string]any{"name": r.PathValue("branch"), "commit": map[string]any{"sha": tip}})
}

func (s *Server) commitJSON(sha string) map[string]any {
	parents := []map[string]any{}
	for _, p := range s.state.Commits[sha] {
		parents = append(parents, map[string]any{"sha": p})
	}
	return map[string]any{"sha": sha, "parents": parents}
}

func (s *Server) compare(w http.ResponseWriter, r *http.Request, _ Account) {
	base, head, ok := strings.Cut(r.PathValue("range"), "...")
	_, knowsBase := s.state.Commits[base]
	_, knowsHead := s.state.Commits[head]
	if !ok || !knowsBase || !knowsHead {
		message(w, http.StatusNotFound, "Not Found")
		return
	}
	all := []map[string]any{}
	for _, sha := range s.state.between(base, head) {
		all = append(all, s.commitJSON(sha))
	}
	paged(w, r, all, func(page []map[string]any) any {
		return map[string]any{"status": "ahead", "total_commits": len(all), "commits": page}
	})
}

func (s *Server) pullJSON(p *Pull) map[string]any {
	pull := map[string]any{"number": p.Number, "state": "open", "merged_at": nil, "base": map[string]any{"ref": p.Base}, "head": map[string]any{"sha": p.Head}}
	if p.Merged {
		pull["state"], pull["merged_at"] = "closed", p.MergedAt
		if p.MergedAt.IsZero() {
			pull["merged_at"] = s.Now()
		}
	}
	return pull
}

func (s *Server) getPull(w http.ResponseWriter, r *http.Request, _ Account) {
	p := s.state.pull(int(pathNumber(r, "number")))
	if p == nil {
		message(w, http.StatusNotFound, "Not Found")
		return
	}
	answer(w, http.StatusOK, s.pullJSON(p))
}

func (s *Server) commitPulls(w http.ResponseWriter, r *http.Request, _ Account) {
	all := []map[string]any{}
	for _, p := range s.state.Pulls {
		if !slices.Contains(p.Commits, r.PathValue("sha")) {
			continue
		}
		all = append(all, s.pullJSON(p))
	}
	paged(w, r, all, plain)
}

func runJSON(r *Run) map[string]any {
	return map[string]any{
		"id": r.ID, "workflow_id": r.Workflow, "head_branch": r.Branch, "event": r.Event, "head_sha": r.SHA,
		"status": r.Status, "conclusion": r.Conclusion, "created_at": r.Created, "updated_at": r.Updated,
	}
}

func (s *Server) getRun(w http.ResponseWriter, r *http.Request, _ Account) {
	for _, run := range s.state.Runs {
		if run.ID == pathNumber(r, "id") {
			answer(w, http.StatusOK, runJSON(run))
			return
		}
	}
	message(w, http.StatusNotFound, "Not Found")
}

func (s *Server) listRuns(w http.ResponseWriter, r *http.Request, _ Account) {
	query := r.URL.Query()
	all := []map[string]any{}
	for _, run := range slices.Backward(s.state.Runs) { // the newest first
		if run.Workflow == pathNumber(r, "id") && (query.Get("branch") == "" || query.Get("branch") == run.Branch) &&
			(query.Get("event") == "" || query.Get("event") == run.Event) {
			all = append(all, runJSON(run))
		}
	}
	paged(w, r, all, func(page []map[string]any) any {
		return map[string]any{"total_count": len(all), "workflow_runs": page}
	})
}
