package serve

import (
	"net/url"
	"strings"
)

// watches tells whether a push concerns a target.
func watches(s *TargetState, p *push) bool {
	return sameRef(s.Ref, p) && sameRepository(s.Repository, p)
}

// sameRef tells whether a push was to the ref. A target without one watches the
// default branch, wherever that moves.
func sameRef(ref string, p *push) bool {
	switch {
	case ref == "" || ref == "HEAD":
		return p.Repository.DefaultBranch != "" && p.Ref == "refs/heads/"+p.Repository.DefaultBranch
	case strings.HasPrefix(ref, "refs/"):
		return p.Ref == ref
	}
	return p.Ref == "refs/heads/"+ref || p.Ref == "refs/tags/"+ref // a delivery names refs in full
}

// sameRepository tells whether a push was to the repository: its address is one of
// those that the delivery gives, whichever way the target reaches it.
func sameRepository(address string, p *push) bool {
	want := place(address)
	if want == "" {
		return false
	}
	r := &p.Repository
	for _, given := range []string{r.CloneURL, r.HTMLURL, r.SSHURL, r.GitURL} {
		if place(given) == want {
			return true
		}
	}
	return false
}

// place is what the addresses of a repository have in common: host and path. It is
// empty for what is no address on a network.
func place(address string) string {
	host, path := "", ""
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		host, path = u.Hostname(), u.Path
	} else if before, after, ok := strings.Cut(address, ":"); ok && !strings.Contains(before, "/") {
		// git@github.com:owner/name.git, as SSH has it.
		host, path = before[strings.LastIndex(before, "@")+1:], after
	}
	path = strings.TrimSuffix(strings.Trim(path, "/"), ".git")
	if host == "" || path == "" {
		return ""
	}
	return strings.ToLower(host + "/" + path)
}
