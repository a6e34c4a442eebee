// No annotation at all: the word ksearch stands only here, and in "#pragma ksearch".
const char *text = "#pragma ksearch in(a[n])"; // KSEARCH(begin)
void f() {}
