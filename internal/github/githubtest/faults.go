package githubtest

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// Kind is what a fault does.
type Kind string

// The faults. All but those of the middle are before the request is looked at.
const (
	// Refused is a permission that is missing.
	Refused Kind = "refused"
	// Primary and Secondary are GitHub's two limits.
	Primary   Kind = "primary"
	Secondary Kind = "secondary"
	// Failing is a server that does nothing.
	Failing Kind = "failing"
	// Lost is a request that is done and answered 502.
	Lost Kind = "lost"
	// Dropped is a connection that ends without an answer.
	Dropped Kind = "dropped"
	// Hanging does not answer until the client goes.
	Hanging Kind = "hanging"
	// Echo refuses by repeating the token that was sent.
	Echo Kind = "echo"
	// Missing is not found.
	Missing Kind = "missing"
)

// Fault is a thing that goes wrong with requests.
type Fault struct {
	Kind   Kind   `json:"kind"`
	Method string `json:"method"` // empty for all
	Path   string `json:"path"`   // a part of the path; empty for all
	// Times is how often; 0 is once, and -1 always.
	Times int `json:"times"`
	// RetryAfter are the seconds of that header, when it is not empty; of a
	// primary limit, when the limit ends.
	RetryAfter string `json:"retryAfter"`
}

// fault finds the fault that a request meets, and uses it up.
func (s *Server) fault(r *http.Request) *Fault {
	for i, f := range s.faults {
		if (f.Method != "" && f.Method != r.Method) || !strings.Contains(r.URL.Path, f.Path) {
			continue
		}
		if f.Times >= 0 {
			if f.Times--; f.Times <= 0 {
				s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
			}
		}
		return f
	}
	return nil
}

// strike answers a request by a fault; false lets it go on.
func (s *Server) strike(f *Fault, w http.ResponseWriter, r *http.Request) bool {
	switch f.Kind {
	case Refused:
		refuse(w)
	case Primary:
		w.Header().Set("X-RateLimit-Remaining", "0")
		w.Header().Set("X-RateLimit-Reset", strconv.FormatInt(s.Now().Unix()+seconds(f.RetryAfter), 10))
		message(w, http.StatusForbidden, "API rate limit exceeded for installation.")
	case Secondary:
		if f.RetryAfter != "" {
			w.Header().Set("Retry-After", f.RetryAfter)
		}
		message(w, http.StatusForbidden, "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.")
	case Failing:
		if f.RetryAfter != "" {
			w.Header().Set("Retry-After", f.RetryAfter)
		}
		message(w, http.StatusBadGateway, "Server Error")
	case Dropped:
		panic(http.ErrAbortHandler)
	case Hanging:
		<-r.Context().Done()
	case Echo:
		message(w, http.StatusBadRequest, fmt.Sprintf("not understood: %q\n::error::%s", r.Header.Get("Authorization"), r.Header.Get("Authorization")))
	case Missing:
		message(w, http.StatusNotFound, "Not Found")
	default:
		return false
	}
	return true
}

func seconds(s string) int64 {
	n, _ := strconv.ParseInt(s, 10, 64)
	return n
}
