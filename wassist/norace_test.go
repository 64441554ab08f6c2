//go:build !race

package wassist

// raceEnabled tells that the race detector slows everything down.
const raceEnabled = false
