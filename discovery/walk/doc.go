// Package walk reads an agent's tables and puts them into the words of
// netdev.Facts: bridge ports become interfaces, local ports of discovery
// protocols become names, and every table says how much of it was read.
//
// It refuses to decide: what a device is comes from identify, what joins two
// devices from topology. It takes any agent, live or recorded.
package walk
