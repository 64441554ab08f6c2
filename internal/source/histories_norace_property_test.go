//go:build !race

package source_test

// raceEnabled tells that the race detector slows everything down.
const raceEnabled = false
