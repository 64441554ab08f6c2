// Package simulator is a local Wassist API: stateful, with the shapes, the
// error forms and the throttle of the real one, so that a client can be tried
// without a key, a network, or a customer at the other end.
//
// A [Server] is an [http.Handler]. [Server.RoundTripper] reaches the same
// handler without a socket, for use inside one process and under
// testing/synctest. What the API does is taken from its public introduction,
// its OpenAPI operation list and the vendor's TypeScript SDK; error forms,
// paging and the throttle are those of Django REST Framework (DRF), on which
// the API visibly runs. Behaviour that nobody has recorded is a switch in
// [Options], and [Fault] produces on demand what networks and gateways do.
//
// The package works on plain JSON values and imports neither the client nor
// anything else of this module, so that the two cannot share a mistake. The
// simulate command and tests may import it; the client, sync and spec rooms
// may not, outside their tests.
//
// # Secrets
//
// Like the real API, the simulator stores fixed header values, trigger secrets
// and credit passwords in clear and returns them in clear. A state file (see
// Options.StateFile) holds all of them; it is created with mode 0600 and must
// be treated as a file of credentials. Request bodies in the request log hold
// them too. The API key that a client sends is neither stored nor logged.
package simulator
