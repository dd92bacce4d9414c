# Golden numbers for evalkit.methods.banding and .multiplicity.
# Run from the project's root:  Rscript tests/golden/banding.R ../shared/peers
# Made with R 4.2.2 (sessions/banding.txt): the formulas of Spiegelhalter et al. (2012),
# JRSS A 175, and DerSimonian & Laird (1986), in base R (quantile type 7); stats::p.adjust.
peers <- commandArgs(trailingOnly = TRUE)[1]
d <- read.csv(file.path(peers, "traveltime2011.csv"))
x <- d$Estimate.2dec; s <- d$SE.2dec; k <- length(x)
funnel <- function(x, s, target, share) {
  z <- (x - target) / s
  q <- quantile(z, c(share, 1 - share), names = FALSE)
  phi <- mean(pmin(pmax(z, q[1]), q[2])^2)
  w <- s^-2
  tau2 <- max(0, (k * phi - (k - 1)) / (sum(w) - sum(w^2) / sum(w)))
  list(phi = phi, tau2 = tau2, z = (x - target) / sqrt(s^2 + tau2))
}
p <- c(0.01, 0.02, 0.03, 0.04, 0.5, 0.011, 1, 0.0004)
golden <- list(
  session = list(R = R.version.string),
  default = funnel(x, s, mean(x), 0.1),
  target_24 = funnel(x, s, 24, 0.2),
  p = p, holm = p.adjust(p, "holm"), bh = p.adjust(p, "BH")
)
source("tests/golden/session.R")
keep_numbers("banding", golden)
keep_session("banding")
