//go:build race

package reliability

// thinned leaves out 49 cases in fifty under the race detector, which makes a case ten times slower: it looks for
// races, which each case would show, and not for the outcome of every case, which the tests without it do.
func thinned(n int) bool { return n%50 != 0 }
