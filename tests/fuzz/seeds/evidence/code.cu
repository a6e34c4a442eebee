template <int N> void f() { for (int i = 0; i < n; i += 2) acc[i][j] += a[i * k] * b[j + 1]; y[t[i]] = at(x - 1, y) + at(x + 1, y); }
