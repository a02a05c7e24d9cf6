// Package target says which addresses a discovery may ask: addresses, prefixes
// and ranges less what is excluded, the order in which they are asked, and the
// site each belongs to.
//
// It refuses to know what is done with an address, and to name one that
// discovery never asks: 0/8, multicast, link-local, whole IPv6 networks.
package target
