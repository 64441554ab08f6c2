package wassist

import "time"

// EventKind tells what an [Event] is about.
type EventKind string

// Kinds of events.
const (
	EventWait    EventKind = "wait"    // a call begins to wait
	EventAttempt EventKind = "attempt" // an attempt has ended
)

// WaitReason tells why a call waits.
type WaitReason string

// Reasons to wait.
const (
	WaitForLimiter WaitReason = "limiter" // the limit of requests is used up
	WaitAfter429   WaitReason = "429"     // the server asked to come back later
	WaitForRetry   WaitReason = "retry"   // a fault is followed by a pause before the next attempt
)

// Event is something that metrics or a progress bar may want to know.
type Event struct {
	Kind    EventKind
	Method  string
	Path    string // below the base URL, without the values of a query
	Attempt int    // from 1; for a wait, the attempt that waits

	// Of a wait.
	Reason WaitReason
	Until  time.Time // when the wait is expected to end; zero when it hangs on answers to other requests

	// Of an attempt.
	Status   int           // 0 when no answer came
	Duration time.Duration // from sending the request to the end of the answer
	Waited   time.Duration // before the attempt, for the limiter
	Err      error         // set when the attempt failed; an *Error
}
