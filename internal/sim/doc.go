// Package sim is a small network that exists on loopback addresses only: twelve
// devices in two sites, or a campus of forty with access points, that answer SNMP over UDP and a command line over SSH
// the way the real platforms do, change their configurations, forget to save
// them, and misbehave on request. It knows its own truth (devices, cables,
// configuration texts) so that what Plumbline found can be compared with it.
// It refuses to know how Plumbline reads devices: it shares the nouns of netdev
// and nothing else, which makes it an independent witness, and it is the one
// package that may speak of vendors.
package sim
