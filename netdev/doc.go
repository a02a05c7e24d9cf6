// Package netdev holds the nouns that every part of Plumbline shares: devices,
// the facts they tell about themselves, the credentials that open them and the
// closed list of reasons why an operation on one did not succeed.
//
// It refuses to know how anything is found, read, stored or shown: it imports
// the standard library only, so that both journeys (discovery and configstore)
// and the simulator can meet in it without meeting each other.
package netdev
