//go:build !race

package reliability

func thinned(int) bool { return false }
