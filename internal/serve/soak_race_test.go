//go:build race

package serve_test

// soakDays is short: the race detector takes many times as long.
const soakDays = 4
