# Golden numbers for evalkit.methods.rank_sets, from an independent implementation in base R.
# Run from the project's root:  Rscript tests/golden/rank_sets.R ../shared/peers
# Made with R 4.2.2 (sessions/rank_sets.txt). Every ordered pair is one hypothesis and
# nothing is shared with the Python code: Cholesky factor, Mersenne-Twister, 100,000 draws, double
# precision. "near" marks subjects with a comparison within 0.03 of the critical value (about four
# Monte-Carlo standard errors of 20,000 draws): there the two may differ by luck.
peers <- commandArgs(trailingOnly = TRUE)[1]
set.seed(20240501)
draws <- 100000

step_down <- function(x, S, open, confidence) {
  k <- length(x)
  s <- sqrt(outer(diag(S), diag(S), "+") - 2 * S)
  t <- outer(x, x, "-") / s
  Z <- matrix(rnorm(draws * k), draws) %*% chol(S)
  repeat {
    largest <- rep(-Inf, draws)
    for (j in 1:k) for (l in which(open[j, ]))
      largest <- pmax(largest, (Z[, j] - Z[, l]) / s[j, l])
    critical <- quantile(largest, confidence, names = FALSE)
    rejected <- open & t > critical
    rejected[is.na(rejected)] <- FALSE
    if (!any(rejected)) break
    open <- open & !rejected
    if (!any(open)) break
  }
  list(open = open, near = abs(abs(t) - critical) < 0.03, critical = critical)
}
off <- function(k) !diag(TRUE, k)
joint <- function(x, S, confidence) {
  k <- length(x)
  r <- step_down(x, S, off(k), confidence)
  known <- off(k) & !r$open
  near <- r$near & off(k)
  list(low = 1 + colSums(known), high = k - rowSums(known),
       near = unname(apply(near, 1, any)), critical = r$critical)
}
marginal <- function(x, S, confidence) {
  k <- length(x)
  one <- lapply(1:k, function(j) {
    family <- matrix(FALSE, k, k); family[j, ] <- TRUE; family[, j] <- TRUE
    family <- family & off(k)
    r <- step_down(x, S, family, confidence)
    known <- family & !r$open
    c(1 + sum(known[, j]), k - sum(known[j, ]), any(r$near & family), r$critical)
  })
  one <- do.call(rbind, one)
  list(low = one[, 1], high = one[, 2], near = one[, 3] == 1, critical = one[, 4])
}
klein <- function(x, v, confidence) {
  z <- qnorm((1 + confidence^(1 / length(x))) / 2)
  low <- x - z * sqrt(v); high <- x + z * sqrt(v)
  k <- length(x)
  list(low = sapply(1:k, function(j) 1 + sum(low[-j] >= high[j])),
       high = sapply(1:k, function(j) k - sum(high[-j] <= low[j])))
}
pisa <- read.csv(file.path(peers, "pisa2018.csv"))
travel <- read.csv(file.path(peers, "traveltime2011.csv"))
x8 <- c(80, 78.5, 78, 76, 75.5, 72, 71, 60)
S8 <- outer(1:8, 1:8, function(i, j) ifelse(i == j, 1 + i / 8, 0.6 * cos(i - j)^2))
golden <- list(
  session = list(R = R.version.string, seed = 20240501, draws = draws),
  pisa_marginal = marginal(pisa$math_score, diag(pisa$math_se^2), 0.95),
  pisa_joint = joint(pisa$math_score, diag(pisa$math_se^2), 0.95),
  dependent = list(x = x8, S = unname(S8), marginal = marginal(x8, S8, 0.9),
                   joint = joint(x8, S8, 0.9)),
  travel_sidak = klein(-travel$Estimate.2dec, travel$SE.2dec^2, 0.9),
  studentised_range = lapply(list(c(35, 0.95), c(201, 0.95), c(6000, 0.99)), function(a)
    list(k = a[1], confidence = a[2], q = qtukey(a[2], a[1], Inf)))
)
source("tests/golden/session.R")
keep_numbers("rank_sets", golden)
keep_session("rank_sets")
