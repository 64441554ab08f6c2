// Package arrows keeps the arrows between the rooms of this module: which package
// may import which, and which package is the only home of an outside one. It holds
// nothing but a test over go list; nobody may import it, and it imports nothing of
// ours.
//
// A new room fails the test until it stands in the table, on purpose: its place in
// the design is decided before its code is written. The depguard rules in
// .golangci.yml say the same to an editor; this test says it to go test, sees
// every package, and knows which packages there may be at all.
package arrows
