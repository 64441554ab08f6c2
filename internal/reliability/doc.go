// Package reliability proves the promises of a run: it has no code but its tests.
//
// They drive the real stack, from definitions in a Git repository to the API client and back, against the
// simulator, and put one thing in its way at one request: every fault at every request, a process that is killed
// before and after each, somebody else's edit before each. After each case they compare what was reported with
// what Wassist holds, run once more, and want the end state of a run that nothing disturbed, value for value.
//
// The tables of docs/reliability.md are made by these tests, and the tests fail when they are stale.
package reliability
