# GAP's orbits on pairs of points, as lists of pairs and, encoded as one point each, by OrbitsDomain.
Time := function(name, group, n)
    local start, orbits, pairs;
    start := Runtime();
    orbits := OrbitsDomain(group, Cartesian([1 .. n], [1 .. n]), OnPairs);
    Print("GAP ", name, ", n = ", n, ": ", Length(orbits), " orbits, ", Runtime() - start, " ms\n");
end;
Time("S400", SymmetricGroup(400), 400);
Time("C400", CyclicGroup(IsPermGroup, 400), 400);
Time("S20 wr S20", WreathProduct(SymmetricGroup(20), SymmetricGroup(20)), 400);
Time("torus 20x20", Group(PermList(List([0 .. 399], i -> RemInt(i + 20, 400) + 1)),
     PermList(List([0 .. 399], i -> 20 * QuoInt(i, 20) + RemInt(i + 1, 20) + 1))), 400);
QUIT;
