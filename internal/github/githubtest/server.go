package githubtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Server is the fake. Its zero value is not ready: see New.
type Server struct {
	// Now tells the time of limits.
	Now func() time.Time
	// Changed is called after each request with the state as it is then; it may
	// be nil.
	Changed func(*State)

	mu         sync.Mutex
	state      State
	faults     []*Fault
	requests   []string
	unexpected []string
	routes     *http.ServeMux
}

// New makes a server.
func New(state State) *Server {
	state.normalize()
	s := &Server{state: state, Now: time.Now}
	s.routes = s.table()
	return s
}

// Start serves on loopback.
func (s *Server) Start() *httptest.Server { return httptest.NewServer(s) }

// Edit changes the state, or looks at it.
func (s *Server) Edit(f func(*State)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(&s.state)
}

// Fault lets something go wrong from now on.
func (s *Server) Fault(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
}

// Heal ends all faults.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// Requests lists what arrived: method and path, without the repository.
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// TakeRequests lists them and forgets them.
func (s *Server) TakeRequests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := s.requests
	s.requests = nil
	return taken
}

// Unexpected lists the requests that GitHub may know, but this server does not.
func (s *Server) Unexpected() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.unexpected)
}

// ServeHTTP answers one request. GitHub Enterprise, and clients that take every
// address but one for it, put /api/v3 before all paths.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/_fake/") {
		s.control(w, r)
		return
	}
	s.mu.Lock()
	r.URL.Path = strings.TrimPrefix(r.URL.Path, "/api/v3")
	r.URL.RawPath = strings.TrimPrefix(r.URL.RawPath, "/api/v3")
	short := strings.TrimPrefix(r.URL.Path, "/repos/"+s.state.Repository)
	if short == "" {
		short = "/"
	}
	s.requests = append(s.requests, r.Method+" "+short)
	f := s.fault(r)
	s.mu.Unlock()
	if f != nil && s.strike(f, w, r) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() {
		if s.Changed != nil {
			s.Changed(&s.state)
		}
	}()
	if f != nil && f.Kind == Lost {
		s.routes.ServeHTTP(httptest.NewRecorder(), r)
		message(w, http.StatusBadGateway, "Server Error")
		return
	}
	s.routes.ServeHTTP(w, r)
}

// handler answers a request of somebody who may make it.
type handler func(w http.ResponseWriter, r *http.Request, who Account)

// table lists what the server knows. A permission is one that the token needs.
func (s *Server) table() *http.ServeMux {
	mux := http.NewServeMux()
	add := func(pattern, permission string, h handler) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			who, known := s.state.Tokens[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
			repository := r.PathValue("owner") + "/" + r.PathValue("repo")
			switch {
			case !known:
				message(w, http.StatusUnauthorized, "Bad credentials")
			case repository != "/" && repository != s.state.Repository:
				message(w, http.StatusNotFound, "Not Found")
			case permission != "" && slices.Contains(s.state.Denied, permission):
				refuse(w)
			default:
				h(w, r, who)
			}
		})
	}
	const repo = " /repos/{owner}/{repo}"
	add("GET /user", "", s.getUser)
	add("GET"+repo, "", func(w http.ResponseWriter, _ *http.Request, _ Account) {
		answer(w, http.StatusOK, map[string]any{"full_name": s.state.Repository})
	})
	add("GET"+repo+"/issues/{number}/comments", "pull-requests: read", s.listComments)
	add("POST"+repo+"/issues/{number}/comments", "", s.createComment)
	add("PATCH"+repo+"/issues/comments/{id}", "pull-requests: write", s.editComment)
	add("GET"+repo+"/issues", "issues: read", s.listIssues)
	add("POST"+repo+"/issues", "issues: write", s.createIssue)
	add("PATCH"+repo+"/issues/{number}", "issues: write", s.editIssue)
	add("GET"+repo+"/branches/{branch}", "contents: read", s.getBranch)
	add("GET"+repo+"/compare/{range}", "contents: read", s.compare)
	add("GET"+repo+"/commits/{sha}/pulls", "pull-requests: read", s.commitPulls)
	add("GET"+repo+"/pulls/{number}", "pull-requests: read", s.getPull)
	add("GET"+repo+"/actions/runs/{id}", "actions: read", s.getRun)
	add("GET"+repo+"/actions/workflows/{id}/runs", "actions: read", s.listRuns)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.unexpected = append(s.unexpected, r.Method+" "+r.URL.Path)
		message(w, http.StatusNotImplemented, "this fake does not know "+r.Method+" "+r.URL.Path)
	})
	return mux
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func message(w http.ResponseWriter, status int, text string) {
	answer(w, status, map[string]string{"message": text, "documentation_url": "https://docs.github.com/rest"})
}

func refuse(w http.ResponseWriter) {
	message(w, http.StatusForbidden, "Resource not accessible by integration")
}

// paged answers one page of a list as GitHub does, with a Link to the next.
func paged[T any](w http.ResponseWriter, r *http.Request, all []T, wrap func([]T) any) {
	query := r.URL.Query()
	number := func(name string, standard int) int {
		if n, err := strconv.Atoi(query.Get(name)); err == nil && n > 0 {
			return n
		}
		return standard
	}
	size, page := min(number("per_page", 30), 100), number("page", 1)
	from, to := min((page-1)*size, len(all)), min(page*size, len(all))
	if to < len(all) {
		query.Set("page", strconv.Itoa(page+1))
		w.Header().Set("Link", fmt.Sprintf(`<http://%s%s?%s>; rel="next"`, r.Host, r.URL.Path, query.Encode()))
	}
	answer(w, http.StatusOK, wrap(all[from:to]))
}

func plain[T any](page []T) any { return page }

func pathNumber(r *http.Request, name string) int64 {
	n, _ := strconv.ParseInt(r.PathValue(name), 10, 64)
	return n
}
