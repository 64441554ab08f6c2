package sync_test

import (
	"flag"
	"os"
	"testing"
)

// defaultChecks is how many random cases a property is tried on, so that all of
// them take seconds under the race detector. -rapid.checks=1000 looks harder.
const defaultChecks = "12"

func TestMain(m *testing.M) {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "rapid.checks" })
	if !given {
		if err := flag.Set("rapid.checks", defaultChecks); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}
