// Package lab holds the tests that run the built binary against a network of
// software from other hands: routers, a switch, agents and SSH servers from
// Debian's packages, one network namespace a node, cabled with virtual
// Ethernet. It holds nothing but tests; it refuses to know how the binary works
// inside, and reaches nothing outside its namespaces. See the target lab of the
// Makefile.
package lab
