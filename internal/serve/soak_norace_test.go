//go:build !race

package serve_test

// soakDays is how long the soak goes on, in simulated days.
const soakDays = 30
