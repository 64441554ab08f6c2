//go:build !race

package report

// hostileBytes is how long the longest hostile text is: 1 MiB.
const hostileBytes = 1 << 20
