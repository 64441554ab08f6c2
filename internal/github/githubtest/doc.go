// Package githubtest is a GitHub to test against: the few parts of its API that
// the tool uses, stateful and in memory, made on raw JSON so that it shares no
// mistake with the code under test. Only tests import it, and cmd/fakegithub,
// which serves it as a process of its own.
//
// It is as strict as GitHub: tokens are known or not, have the permissions that
// they have, and comments have a greatest length. A request that it does not know
// is answered 501 and remembered: see Server.Unexpected.
package githubtest
