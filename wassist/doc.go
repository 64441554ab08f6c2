// Package wassist is a client of the Wassist API: agents, phone numbers, WhatsApp accounts, link sessions,
// connectors, test chats, and the proxy to the WhatsApp Business API.
//
// # Who may enter
//
// internal/remote, which translates for package sync, and the commands import it; the simulator uses its types.
// Packages sync and spec must not. It imports none of this module's packages, and it is the only home of
// golang.org/x/time/rate.
//
// # What it promises
//
//   - What the API stores is kept. Every object carries the members that this package does not know in its
//     Extra field, and absent, null and empty are three things, so that writing back what was read neither
//     loses nor invents anything.
//   - One [Limiter] passes every request, retries included: no more than 100 requests in any 60 seconds, as
//     the server sees them. A run of up to 100 requests never waits.
//   - A request is repeated only where that is safe. 429 is answered by waiting, whatever the method. After a
//     5xx or a network fault, GET and DELETE are repeated; PUT and PATCH only when the caller says [Repeatable];
//     POST never, unless no connection was made. [OutcomeUnknown] tells when a request that failed may have
//     taken effect all the same.
//   - Every failure is one [*Error] with method, path, status, and the server's message in readable form.
//   - The API key appears in no error, no log line and no printed value. Values that the API returns in clear
//     though they are secrets have the types [Secret] and [Raw], which print as a marker.
//
// # JSON
//
// The types are encoded and decoded by github.com/go-json-experiment/json, the published mirror of
// encoding/json/v2; the older encoding/json does not know their tags. Use [Marshal] and [Unmarshal].
package wassist
