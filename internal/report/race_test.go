//go:build race

package report

// hostileBytes is less under the race detector, which makes scanning the output
// of 1 MiB take minutes.
const hostileBytes = 1 << 16
