// In a file of its own, compiled without sanitizers: it takes most of the time.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
