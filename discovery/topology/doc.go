// Package topology turns observations of many devices into links and hosts,
// each with the rows that prove it and a confidence, and lays them out.
//
// It is pure: the same observations in any order give the same graph. It
// refuses to invent: a neighbour that matches no device by its identity is
// listed as unresolved with the reason.
package topology
