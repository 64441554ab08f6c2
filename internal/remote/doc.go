// Package remote is the Wassist API as package sync's Reader and Writer. It is
// the only place that knows both vocabularies: the API's typed structs on one
// side, declared and stored values on the other. It decides nothing.
//
// It imports packages sync, spec and wassist; the commands and the services
// that plan and apply may import it.
package remote
