// Package snmp is the only door to gosnmp: the codec of the sweep, the table
// walker over live agents, and the replay of recorded walks. What comes out is
// rows with their coverage; nothing here knows what a row means.
//
// It refuses to write: SET does not exist here, and a community or key leaves
// only towards an address that its credential's scope holds.
package snmp
